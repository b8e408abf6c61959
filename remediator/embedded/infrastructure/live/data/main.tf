terraform {
  backend "s3" {
    bucket = "example-terraform-states"
    key    = "live/data.tfstate"
    region = "us-east-1"
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = {
      Team       = "data"
      CostCenter = "4300"
    }
  }
}

resource "aws_security_group" "warehouse" {
  name        = "warehouse"
  description = "The data warehouse"

  ingress {
    from_port   = 5439
    to_port     = 5439
    protocol    = "tcp"
    cidr_blocks = ["10.20.0.0/16"]
  }
}
