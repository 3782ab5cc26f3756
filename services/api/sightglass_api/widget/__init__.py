"""The widget: a bot on a page in the open, which its visitors ask with a publishable key."""
