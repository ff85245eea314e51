"""Other ways to find a product, for comparison. Libraries that are missing are skipped.

Every peer gets all names at once and returns a function from a text to the places of
the best ten.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from rapidfuzz import fuzz, process

from catalog import fold

Find = Callable[[str], Sequence[int]]
Peer = Callable[[Sequence[str], str | None], Find]
_BEST = 10
_FUZZY_LETTERS = 4


class Skipped(Exception):
    """A peer cannot run here; the message says what it needs."""


def rapidfuzz_brute_force(names: Sequence[str], _: str | None) -> Find:
    folded = [fold(name) for name in names]

    def find(text: str) -> Sequence[int]:
        found = process.extract(
            fold(text), folded, scorer=fuzz.token_set_ratio, limit=_BEST
        )
        return [place for _, _, place in found]

    return find


def fts5(names: Sequence[str], _: str | None) -> Find:
    database = sqlite3.connect(":memory:")
    database.execute(
        "create virtual table name using "
        "fts5(text, tokenize='unicode61 remove_diacritics 2')"
    )
    database.executemany(
        "insert into name(rowid, text) values (?, ?)", enumerate(map(fold, names))
    )

    def find(text: str) -> Sequence[int]:
        words = dict.fromkeys(fold(text).split())
        if not words:
            return []
        rows = database.execute(
            "select rowid from name where text match ? order by rank limit ?",
            (" OR ".join(f'"{word}"' for word in words), _BEST),
        )
        return [row[0] for row in rows]

    return find


def tantivy(names: Sequence[str], _: str | None) -> Find:
    library = _needed("tantivy")
    builder = library.SchemaBuilder()
    builder.add_text_field("name", stored=False)
    builder.add_unsigned_field("place", stored=True, indexed=False)
    schema = builder.build()
    index = library.Index(schema)
    writer = index.writer(256_000_000, 1)
    for place, name in enumerate(names):
        writer.add_document(library.Document(name=fold(name), place=place))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher, query, should = index.searcher(), library.Query, library.Occur.Should

    def find(text: str) -> Sequence[int]:
        parts = []
        for word in dict.fromkeys(fold(text).split()):
            term = query.term_query(schema, "name", word)
            parts.append((should, query.boost_query(term, 2.0)))
            if len(word) >= _FUZZY_LETTERS:
                slips = 1 if len(word) < 2 * _FUZZY_LETTERS else 2
                fuzzy = query.fuzzy_term_query(schema, "name", word, slips, True)  # noqa: FBT003 - its API
                parts.append((should, fuzzy))
        if not parts:
            return []
        hits = searcher.search(query.boolean_query(parts), _BEST).hits
        return [searcher.doc(address)["place"][0] for _, address in hits]

    return find


def bm25_trigrams(names: Sequence[str], _: str | None) -> Find:
    library = _needed("bm25s")
    retriever = library.BM25(method="lucene")
    retriever.index([_trigrams(name) for name in names], show_progress=False)

    def find(text: str) -> Sequence[int]:
        grams = [gram for gram in _trigrams(text) if gram in retriever.vocab_dict]
        if not grams:
            return []
        places, _ = retriever.retrieve(
            [grams], k=min(_BEST, len(names)), show_progress=False, n_threads=0
        )
        return [int(place) for place in places[0]]

    return find


def tfidf_characters(names: Sequence[str], _: str | None) -> Find:
    numpy = _needed("numpy")
    vectorizer = _needed("sklearn.feature_extraction.text").TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), sublinear_tf=True, dtype=numpy.float32
    )
    matrix = vectorizer.fit_transform([fold(name) for name in names]).T.tocsr()

    def find(text: str) -> Sequence[int]:
        vector = vectorizer.transform([fold(text)])
        scores = numpy.asarray((vector @ matrix).todense())[0]
        count = min(_BEST, len(scores))
        best = numpy.argpartition(-scores, count - 1)[:count]
        return [int(place) for place in best[numpy.argsort(-scores[best])]]

    return find


def pg_trgm(names: Sequence[str], postgres: str | None) -> Find:
    if postgres is None:
        raise Skipped("name a server with --postgres DSN")
    connection = _needed("psycopg").connect(postgres, autocommit=True)
    connection.execute("create extension if not exists pg_trgm")
    connection.execute("create temporary table bench_name(place int, text text)")
    with connection.cursor().copy("copy bench_name from stdin") as copy:
        for place, name in enumerate(names):
            copy.write_row((place, fold(name)))
    connection.execute(
        "create index on bench_name using gist (text gist_trgm_ops(siglen=64))"
    )
    statement = "select place from bench_name order by text <-> %s limit %s"

    def find(text: str) -> Sequence[int]:
        rows = connection.execute(statement, (fold(text), _BEST))
        return [row[0] for row in rows]

    return find


PEERS: Mapping[str, Peer] = {
    "rapidfuzz, brute force": rapidfuzz_brute_force,
    "SQLite FTS5": fts5,
    "tantivy, fuzzy": tantivy,
    "BM25 over trigrams (bm25s)": bm25_trigrams,
    "TF-IDF of characters (scikit-learn)": tfidf_characters,
    "pg_trgm": pg_trgm,
}


def _trigrams(text: str) -> list[str]:
    words = (f" {word} " for word in fold(text).split())
    return [word[at : at + 3] for word in words for at in range(len(word) - 2)]


def _needed(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as missing:
        raise Skipped(f"it needs {missing.name}: pip install it") from missing
