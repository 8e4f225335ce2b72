"""Run the notebooks for every organisation and publish what they show."""
