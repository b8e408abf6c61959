terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/fresh.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"
}
