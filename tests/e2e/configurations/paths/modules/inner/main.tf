output "paths" { value = [path.module, path.root, "${path.module}/x", basename(path.module)] }
output "file" { value = [file("${path.module}/here.txt"), file("${path.module}/../shared.txt"), templatefile("${path.module}/t.tftpl", { where = path.module })] }
