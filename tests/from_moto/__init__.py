"""Tests as moto's users write them, with two lines more: ``mock_lambda(timings="instant")`` beside ``mock_aws``."""
