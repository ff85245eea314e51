"""The native API, `/v1`: endpoints are declared, one runner serves them all.

To add one, write a function in the module of its subject:

    endpoints = Endpoints("drafts", "Orders-to-be, and how they change.")

    @endpoints.post("/v1/drafts/{draft_id}/confirm", roles=ORDERING, status=201,
                    raises=(VERSION_CONFLICT, NOT_READY))
    async def confirm_draft(call: Call, draft_id: Id, body: Confirm) -> OrderView:
        \"\"\"Confirm a draft.

        What the documentation says below that line.\"\"\"

and a new subject's `endpoints` in `registry.SUBJECTS`. The runner has checked the key,
the role, the limits, ids, `query` (a `Given` model) and `body` (too) before it calls;
after it, it writes the audit, keeps the answer for the Idempotency-Key and commits.

* Return a `Shown` model, `Page[...]`, `None` (204) or a `Download`.
* Raise `Problem(KIND, detail, extras)`; everything is rolled back. A kind that the
  signature does not imply is named in `raises`; a new kind is a row in `problems`.
  `not_found("draft", id)` is the answer for whatever the tenant does not have.
* `call.connection` reads (GET) or is in the transaction of the call; never commit.
  With `own_transaction=True` do slow things first, then `await call.transact(work)`.
* `call.after_commit(ring)`, `call.note(target, **ids)` for the audit.
* Roles are sets of `roles`; ids, money, quantities, pages are types of `models`.
"""
