terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/people.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      Team       = "people"
      CostCenter = "4100"
    }
  }
}
