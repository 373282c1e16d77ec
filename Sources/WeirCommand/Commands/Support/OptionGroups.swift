import ArgumentParser

/// Options of commands that show one thing.
struct ShowOptions: ParsableArguments {
    @Flag(help: "Print JSON: what the server answers, {} for nothing, an array for a list.")
    var json = false

    @OptionGroup(title: "Connection")
    var connection: ConnectionOptions
}

/// Options of commands that show a list.
struct ListOptions: ParsableArguments {
    @Option(help: "The most rows in total.")
    var limit = 100

    @Flag(help: "All rows, however many.")
    var all = false

    @OptionGroup var show: ShowOptions

    /// The most rows to show, nil for all.
    var rows: Int? { all ? nil : limit }

    func validate() throws {
        guard (1...10_000_000).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 10000000; --all shows all rows.")
        }
    }
}

/// Options of commands that change something.
struct ChangeOptions: ParsableArguments {
    @Option(help: "Why, for the audit log; at most 1024 bytes.")
    var reason: String?

    @OptionGroup var show: ShowOptions

    func validate() throws {
        guard let reason else { return }
        guard reason.utf8.count <= 1_024, !reason.isEmpty, SafeText.isSafe(reason) else {
            throw ValidationError(
                "--reason must be 1 to 1024 bytes of text without control characters.")
        }
    }
}

/// Options of commands that change what cannot be changed back, and therefore ask.
struct DestructiveOptions: ParsableArguments {
    @Flag(name: [.customLong("yes"), .customShort("y")], help: "Do it without asking.")
    var isConfirmed = false

    @OptionGroup var change: ChangeOptions
}

/// Options of commands that end something and take no reason.
struct ConfirmedOptions: ParsableArguments {
    @Flag(name: [.customLong("yes"), .customShort("y")], help: "Do it without asking.")
    var isConfirmed = false

    @OptionGroup var show: ShowOptions
}
