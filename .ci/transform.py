"""Turn the SAM template into the CloudFormation that is deployed, offline.

    python .ci/transform.py template.yaml > transformed.json

Security checks see what AWS will see: the routes, permissions and mappings that SAM writes, not the shorthand.
"""

import json
import os
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# SAM asks boto3 for the partition of the region and calls no service.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")


class NoManagedPolicies:
    """Stands where SAM would list AWS's managed policies over the network. Our roles use none."""

    def load(self) -> dict[str, str]:
        return {}


def with_packaged_code(template: dict) -> dict:
    """What `sam package` does: code and nested templates are in S3 instead of in folders."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://packaged/{name}.zip"
        if resource["Type"] == "AWS::CloudFormation::Stack":
            resource["Properties"]["TemplateURL"] = f"https://packaged.s3.amazonaws.com/{name}.yaml"
    return template


def main(path: str) -> None:
    template = with_packaged_code(yaml_parse(Path(path).read_text()))
    json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
