"""Words for models. This face is what `bot` may use."""

from prompts.loading import Prompt, PromptError, load_prompt, versions

__all__ = ["Prompt", "PromptError", "load_prompt", "versions"]
