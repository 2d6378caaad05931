#!/usr/bin/env bash
# Installs the clients of this suite into a folder of their own: .clients, or the one that is given.
# What a registry does not bring, or what takes a package manager that is not here, is missing: its tests are skipped then.
set -uo pipefail
folder="${1:-$(cd "$(dirname "$0")/../.." && pwd)/.clients}"
mkdir -p "$folder"

# AWS's SDK for JavaScript, version 3
if command -v npm >/dev/null; then
  npm install --silent --no-audit --no-fund --prefix "$folder" @aws-sdk/client-lambda@3 || echo "no SDK for JavaScript"
fi

# AWS CLI, version 1, ansible with its collection amazon.aws, and moto's server: not with the requirements of our own tests
python3 -m venv "$folder/venv" && "$folder/venv/bin/python" -m pip install -q --no-compile awscli boto3 ansible "moto[server,iam,s3,sqs]" \
  || echo "no AWS CLI, no ansible, no server of moto"

# Go and AWS's SDK for Go, version 2: Debian's packages have both
if ! [ -d /usr/share/gocode/src/github.com/aws/aws-sdk-go-v2 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
    golang-go golang-github-aws-aws-sdk-go-v2-dev >/dev/null || echo "no SDK for Go"
fi
exit 0
