locals {
  cidrs = ["10.0.0.0/8", "0.0.0.0/0", "192.168.0.0/16"]
}
output "union" { value = [setunion(["a"], ["b", "a"]), setunion(["a"]), setunion([1], [2, 1])] }
output "subtract" { value = [setsubtract(local.cidrs, ["0.0.0.0/0"]), setsubtract(["a"], ["a"])] }
output "intersection" { value = setintersection(["a", "b"], ["b", "c"], ["b"]) }
output "product" { value = setproduct(toset(["b", "a"]), toset(["x"])) }
output "closed" { value = [for c in local.cidrs : c if !contains(["0.0.0.0/0", "::/0"], c)] }
output "sorted" { value = tolist(toset(["b", "a", "C", "10", "9", "é", "Z"])) }
output "sorted_numbers" { value = tolist(toset([10, 9, -1, 1.5])) }
output "sorted_bools" { value = tolist(toset([true, false])) }
output "of_objects" { value = [for x in toset([{ n = 2, s = "b" }, { n = 1, s = "b" }, { n = 1, s = "a" }]) : "${x.n}${x.s}"] }
output "of_lists" { value = [for x in toset([["b", "a"], ["a"]]) : join("", x)] }
output "of_maps" { value = toset([tomap({ b = "1" }), tomap({ a = "2" })]) }
output "length" { value = length(toset(["a", "a", "b"])) }
output "with_null" { value = toset(["a", null]) }
output "flattened" { value = flatten([toset(["b", "a"]), ["c"]]) }
output "concat" { value = concat(tolist(toset(["b", "a"])), ["c"]) }
output "joined" { value = join(",", toset(["b", "a"])) }
output "mixed" { value = toset(["1", 2, true]) }
output "one" { value = one(toset(["x"])) }
output "equal" { value = toset(["a", "b"]) == toset(["b", "a", "a"]) }
