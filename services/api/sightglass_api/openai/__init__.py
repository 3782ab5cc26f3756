"""The face that clients of OpenAI speak to: a bot is a model."""
