# One image; the command picks the role: serve, worker, migrate ... (`docker run IMAGE
# --help`). The RUN lines about packages are replayed by tests/test_distribution.py.
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot ./bot
COPY catalog ./catalog
COPY orders ./orders
COPY prompts ./prompts
RUN python -m pip install -c constraints.txt setuptools
RUN python -m pip wheel -c constraints.txt --no-build-isolation --wheel-dir /wheels '.[fast]'

FROM python:${PYTHON}-slim
# OpenAI's client trusts the system's certificates; slim images may come without any.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /srv --shell /usr/sbin/nologin chatorder \
 && mkdir /srv/data \
 && chown chatorder /srv/data
RUN python -m venv /app
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    /app/bin/python -m pip install --no-cache-dir --no-index --find-links /wheels 'chatorder[fast]'
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CHATORDER_HOST=0.0.0.0 \
    CHATORDER_PORT=8080
USER chatorder
# Settings that name no other place keep the SQLite file and media below ./data.
WORKDIR /srv
VOLUME /srv/data
EXPOSE 8080
# Asks the web role; a worker answers nothing and exits when it cannot go on.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['CHATORDER_PORT']}/live\", timeout=2)"]
ENTRYPOINT ["chatorder"]
CMD ["serve"]
