module "build_box" {
  source = "../../modules/ssh-box"
  name   = "build-box-prod"
}
