terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/services.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      Team       = "services"
      CostCenter = "4200"
    }
  }
}
