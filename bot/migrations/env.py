"""What Alembic runs to migrate: always on a connection that the caller opened."""

from alembic import context

from bot.migrations.comparing import OPTIONS

asked = context.config.attributes
batch = asked.get("batch", True)
context.configure(
    connection=asked["connection"], **{**OPTIONS, "render_as_batch": batch}
)
with context.begin_transaction():
    context.run_migrations()
