# The AWS provider that tests/e2e and `remediator demo --terraform` were tried with.
# `terraform -chdir=tools/provider providers mirror FOLDER` fetches it.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
