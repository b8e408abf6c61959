locals {
  map = { b = 2, a = 1 }
  deep = {
    prod = { cidrs = ["10.0.0.0/8"], size = "large" }
    dev  = { cidrs = ["0.0.0.0/0"], size = "small" }
  }
}
output "merge" { value = [merge({ a = 1 }, { b = 2 }, { a = 3 }), merge({}), merge(null, { a = 1 }), merge(tomap({ a = "x" }), { b = 1 })] }
output "keys" { value = [keys(local.map), keys({}), keys(tomap({ z = 1, y = 2 }))] }
output "values" { value = [values(local.map), values({ a = "x", b = 1 }), values({})] }
output "lookup" { value = [lookup(local.map, "a", 0), lookup(local.map, "z", 0), lookup(tomap({ a = "1" }), "a", "none"), lookup({ a = { b = 1 } }, "a", {}).b] }
output "zipmap" { value = [zipmap(["a", "b"], [1, 2]), zipmap(["a", "b"], [1, "x"]), zipmap([], [])] }
output "deep" { value = { for k, v in local.deep : k => merge(v, { env = k }) } }
output "of_values" { value = flatten(values(local.deep)[*].cidrs) }
output "tomap" { value = tomap({ a = "x", b = "y" }) }
output "contains_key" { value = [contains(keys(local.map), "a"), can(local.map.a), can(local.map.z)] }
output "element_of_keys" { value = element(keys(local.deep), 0) }
output "merged_for" { value = merge([for k, v in local.deep : { "${k}-size" = v.size }]...) }
output "length" { value = length(local.deep) }
output "setintersection" { value = setintersection(keys(local.map), ["a", "z"]) }
output "defaulted" { value = { for k in ["dev", "none"] : k => lookup(local.deep, k, { cidrs = [], size = "default" }).size } }
output "as_json" { value = jsonencode(merge(local.map, { c = null })) }
