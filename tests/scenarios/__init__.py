"""What authors of deploy tools meet: one test for each incident, told through boto3 and the mock's public names."""
