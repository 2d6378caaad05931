#!/bin/sh
# The AWS CLI (awscli 1.x) as one types it: create, wait, invoke and look, in one world and no real time.
set -eu
folder=$(mktemp -d)
cd "$folder"
printf 'def handler(event, context):\n    return {"hello": event["name"]}\n' > app.py
python3 -m zipfile -c app.zip app.py

lambda-states-mock run --start 2026-01-01T00:00:00Z --seed 7 --timeline -- \
    aws lambda create-function --function-name orders --runtime python3.13 --handler app.handler \
        --role arn:aws:iam::123456789012:role/orders --zip-file fileb://app.zip --query State \
    --then aws lambda wait function-active-v2 --function-name orders \
    --then aws lambda invoke --function-name orders --payload '{"name": "you"}' answer.json --query StatusCode \
    --then aws lambda get-function-configuration --function-name orders --query State

cat answer.json
echo
rm -r "$folder"
