import ArgumentParser
import StrictJSON

/// A command that makes one call and shows its answer.
///
/// What to ask and how to show it are decided without a server, so that tests can look at both.
protocol ServerCommand: AsyncParsableCommand {
    /// Whether to print JSON, and where the server is.
    var show: ShowOptions { get }

    /// What to ask.
    func call() throws -> Call

    /// The answer for a person, ending in a newline.
    func text(_ answer: JSONValue) -> String

    /// The exit code that says what the answer says.
    func verdict(_ answer: JSONValue) -> Int32
}

extension ServerCommand {
    func run() async throws { try await perform() }

    /// Sends the call and shows the answer; the answer's verdict is the exit code.
    func perform() async throws {
        let call = try call().validated()
        let answer = try await show.connection.open { session in
            try await session.value(of: call)
        }
        if show.json {
            Terminal.show(SafeJSON.line(answer.isNull ? .object(JSONObject()) : answer))
        } else {
            Terminal.show(text(answer))
        }
        let code = verdict(answer)
        if code != 0 { throw ExitCode(code) }
    }

    /// 2 for a decision that refuses.
    func verdict(_ answer: JSONValue) -> Int32 { DecisionText.isRefusal(answer) ? 2 : 0 }

    /// A record, one member on a line.
    func text(_ answer: JSONValue) -> String { MemberTable.record(answer) }
}

/// A command that changes something.
protocol ChangeCommand: ServerCommand {
    var change: ChangeOptions { get }
}

extension ChangeCommand {
    var show: ShowOptions { change.show }
}

/// A command that changes what cannot be changed back, and therefore asks.
protocol ConfirmedCommand: ServerCommand {
    /// Whether --yes was given.
    var isConfirmed: Bool { get }

    /// What is about to happen, as a question.
    var question: String { get }
}

extension ConfirmedCommand {
    func run() async throws {
        _ = try call().validated()
        try Confirmation.require(question, isConfirmed: isConfirmed)
        try await perform()
    }
}

/// A command that changes what cannot be changed back, and takes a reason.
protocol DestructiveCommand: ConfirmedCommand, ChangeCommand {
    var options: DestructiveOptions { get }
}

extension DestructiveCommand {
    var change: ChangeOptions { options.change }
    var isConfirmed: Bool { options.isConfirmed }
}

/// A command that shows a list.
protocol ListCommand: AsyncParsableCommand {
    var list: ListOptions { get }

    /// What to ask, without paging.
    func call() throws -> Call

    /// The columns of the table.
    var columns: [Column] { get }

    /// An item as the table's columns name its members.
    func row(_ item: JSONValue) -> JSONValue

    /// Asks for what the rows belong to; where there are none, it may be that it does not exist.
    var owner: Call? { get }
}

extension ListCommand {
    /// Nothing, where the server says itself that it does not exist.
    var owner: Call? { nil }

    /// The item as it came.
    func row(_ item: JSONValue) -> JSONValue { item }

    func run() async throws {
        let call = try call().validated()
        let hasMore = try await list.show.connection.open { session in
            list.show.json
                ? try await printArray(call, session) : try await printTable(call, session)
        }
        if hasMore { Terminal.say("There are more: --limit N or --all shows them.") }
    }

    /// One array over all pages, written as they arrive; answers whether there are more rows.
    private func printArray(_ call: Call, _ session: Session) async throws -> Bool {
        var isFirst = true
        // Not before the first page is there: a failure leaves no half of an array.
        var begin = Array("[".utf8)
        let hasMore = try await session.walk(call, limit: list.rows) { rows in
            if rows.isEmpty { return }
            var bytes = begin
            begin = []
            for row in rows {
                bytes += isFirst ? [] : Array(",\n".utf8)
                bytes += SafeJSON.encoded(row)
                isFirst = false
            }
            Terminal.show(bytes)
        }
        if isFirst, let owner { _ = try await session.value(of: owner) }
        Terminal.show(begin + Array("]\n".utf8))
        return hasMore
    }

    private func printTable(_ call: Call, _ session: Session) async throws -> Bool {
        var rows: [JSONValue] = []
        let hasMore = try await session.walk(call, limit: list.rows) { rows += $0.map(row) }
        if rows.isEmpty, let owner { _ = try await session.value(of: owner) }
        Terminal.show(MemberTable.list(rows, columns))
        return hasMore
    }
}
