"""Customers who are made up, without any model: seeded, in five languages, and clumsy.

Each has a goal, reads the bot's messages as a person does, and answers. Thousands of
their conversations show what dialogues that somebody wrote do not.
"""
