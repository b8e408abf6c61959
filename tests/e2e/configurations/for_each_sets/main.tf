locals {
  cidrs = ["10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8"]
}
resource "terraform_data" "set" {
  for_each = toset(local.cidrs)
  input    = [each.key, each.value, each.key == each.value]
}
resource "terraform_data" "union" {
  for_each = setunion(["a", "b"], ["b", "c"])
  input    = each.value
}
resource "terraform_data" "minus" {
  for_each = setsubtract(["a", "b"], ["b", "c"])
  input    = each.value
}
resource "terraform_data" "product" {
  for_each = toset([for p in setproduct(["tcp", "udp"], [22, 3389]) : join("-", p)])
  input    = split("-", each.key)
}
resource "terraform_data" "none" {
  for_each = toset([])
  input    = each.value
}
output "keys" { value = keys(terraform_data.product) }
output "all" { value = { for k, v in terraform_data.set : k => v.input[1] } }
