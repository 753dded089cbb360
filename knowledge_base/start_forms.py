"""The forms that an entry's `start_form` may name: what the bot can begin with a tap under the answer.

What each of them means to Rasa, and the words on its button, stand in bot/start_forms.py.
"""

from __future__ import annotations

START_FORMS = ("return", "track_order")
