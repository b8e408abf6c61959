resource "aws_security_group" "public_web" {
  name        = "public-web"
  description = "The public web tier"

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "bastion" {
  name        = "bastion-eu"
  description = "The way in when all else fails"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = {
    Role = "bastion"
  }
}

resource "aws_security_group" "legacy" {
  name        = "legacy-appliance"
  description = "The vendor's appliance"

  ingress {
    from_port   = 20
    to_port     = 25
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "partner" {
  name        = "partner-transfer"
  description = "File transfer with a partner"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
