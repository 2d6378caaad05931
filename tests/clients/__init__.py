"""Deploy tools as people install them, unmodified, with IAM, S3 and EventBridge from moto in the same process."""
