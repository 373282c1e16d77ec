/// What is wrong with a trace, and where: `trace.csv:17: …`.
struct TraceError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ file: String, _ line: Int, _ problem: String) {
        description = "\(file):\(line): \(problem)"
    }
}
