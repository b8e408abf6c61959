terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/prod.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      Team       = "platform"
      CostCenter = "4000"
    }
  }
}
