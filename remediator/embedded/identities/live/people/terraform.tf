terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/people.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"
}
