@main struct Lotus { static func main() {} }
