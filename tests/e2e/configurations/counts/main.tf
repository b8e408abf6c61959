variable "names" { default = ["a", "b", "c"] }
variable "enabled" { default = false }
resource "terraform_data" "several" {
  count = length(var.names)
  input = { index = count.index, name = var.names[count.index], next = element(var.names, count.index + 1) }
}
resource "terraform_data" "text" {
  count = "2"
  input = format("host-%02d", count.index + 1)
}
resource "terraform_data" "maybe" {
  count = var.enabled ? 1 : 0
  input = "never"
}
resource "terraform_data" "one" {
  count = 1
  input = "one"
}
output "names" { value = terraform_data.several[*].input.name }
output "picked" { value = [terraform_data.several[1].input.index, one(terraform_data.one[*].input), one(terraform_data.maybe[*].input)] }
output "joined" { value = join("", terraform_data.maybe.*.input) }
output "tried" { value = try(terraform_data.maybe[0].input, "not there") }
output "concat" { value = concat(terraform_data.one[*].input, terraform_data.maybe[*].input, ["x"])[0] }
output "how_many" { value = [length(terraform_data.several), length(terraform_data.maybe)] }
