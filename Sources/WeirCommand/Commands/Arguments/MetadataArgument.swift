import ArgumentParser

/// `trace=abc`.
struct MetadataArgument: ExpressibleByArgument, Equatable {
    var name: String
    var value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "=") else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
        if name.isEmpty { return nil }
    }
}
