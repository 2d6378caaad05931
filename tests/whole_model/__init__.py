"""All that the model of the API has: how a test gets each error, each reason code, each state and each member."""
