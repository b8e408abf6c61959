resource "terraform_data" "a" {
  input            = { cidr = "0.0.0.0/0", list = ["x", "y"] }
  triggers_replace = "trigger"
}
resource "terraform_data" "b" {
  input = [terraform_data.a.input.cidr, terraform_data.a.triggers_replace]
}
resource "terraform_data" "c" {
  for_each = toset(terraform_data.a.input.list)
  input    = "${each.key} of ${terraform_data.b.input[0]}"
}
resource "terraform_data" "d" {
  input = { for k, v in terraform_data.c : k => v.input }
}
resource "terraform_data" "hidden" {
  input = [terraform_data.a.id, "known", terraform_data.a.output.cidr]
}
output "c" { value = terraform_data.c["x"].input }
output "d" { value = terraform_data.d.input }
output "later" { value = concat(["first"], [terraform_data.a.output], ["last"]) }
output "partly" { value = { known = terraform_data.a.input, unknown = terraform_data.a.output } }
output "text" { value = "before ${terraform_data.a.output.cidr} after" }
output "chosen" { value = terraform_data.a.output.cidr == "never" ? ["a"] : ["b", terraform_data.a.input.cidr] }
output "filtered" { value = [for c in ["a", "b"] : c if c != terraform_data.a.output.list[0]] }
output "document" { value = jsonencode({ a = "known", b = terraform_data.a.output.cidr }) }
output "flat" { value = flatten([["a"], terraform_data.a.output.list, [["b"]]]) }
output "merged" { value = merge({ a = 1 }, terraform_data.a.output, { b = 2 }) }
output "distinct" { value = distinct(concat(["x", "x"], terraform_data.a.output.list)) }
output "set" { value = toset(concat(["z", "a"], terraform_data.a.output.list)) }
output "zipped" { value = zipmap(["p", "q"], terraform_data.a.output.list) }
output "lengths" { value = [length(["a", terraform_data.a.output]), length(terraform_data.a.input.list)] }
output "tried" { value = try(terraform_data.a.output.nothing, "fallback") }
output "looked_up" { value = lookup(terraform_data.a.output, "cidr", "none") }
output "contained" { value = [contains(["a", terraform_data.a.output.cidr], "a"), contains([terraform_data.a.output.cidr], "a")] }
output "coalesced" { value = [coalesce("x", terraform_data.a.output.cidr), coalesce(null, terraform_data.a.output.cidr)] }
output "logic" { value = [false && terraform_data.a.output.cidr == "x", true || terraform_data.a.output.cidr == "x"] }
output "by_its_whole_name" { value = [resource.terraform_data.a.input.cidr, resource.terraform_data.c["x"].input] }
