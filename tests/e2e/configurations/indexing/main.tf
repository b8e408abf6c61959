locals {
  list   = ["a", "b", "c"]
  object = { name = "web", "with-dash" = 1, nested = { list = [1, [2, 3]] }, "0" = "zero" }
  map    = tomap({ x = "1", y = "2" })
  key    = "name"
  table  = { prod = { cidrs = ["10.0.0.0/8"] }, dev = { cidrs = ["0.0.0.0/0"] } }
  env    = "dev"
}
output "list" { value = [local.list[0], local.list[2], local.list["1"], local.list[1 + 1]] }
output "object" { value = [local.object.name, local.object["name"], local.object[local.key], local.object.with-dash] }
output "number_key" { value = local.object[0] }
output "deep" { value = [local.object.nested.list[1][0], local.object["nested"]["list"][0]] }
output "map" { value = [local.map.x, local.map["y"]] }
output "by_environment" { value = local.table[local.env].cidrs }
output "by_template" { value = local.table["${local.env}"].cidrs[0] }
output "of_a_literal" { value = [["x", "y"][1], { a = "b" }["a"], { a = { b = "c" } }.a.b] }
output "of_a_call" { value = [concat(local.list, ["d"])[3], tolist(local.list)[0], merge(local.object, {})["name"]] }
output "of_parentheses" { value = [(local.list)[0], ([for x in local.list : upper(x)])[1]] }
output "of_a_conditional" { value = (local.env == "dev" ? local.table.dev : local.table.prod).cidrs }
output "of_a_split" { value = split("/", "10.0.0.0/8")[1] }
output "tried" { value = [try(local.list[9], "none"), try(local.object.missing, "none"), can(local.map["z"]), can(local.map["x"])] }
output "looked_up" { value = [lookup(local.map, "z", "default"), lookup(local.object, "name", "none")] }
