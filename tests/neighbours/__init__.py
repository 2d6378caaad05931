"""moto beside us, as tests use the two together."""
