import CPostgres
import Foundation

/// One connection, used by one caller at a time: whoever owns it calls it on a thread of its own.
///
/// Every wait has an end. After a wait that was too long, or a broken connection, the object is
/// dead, and whoever owns it makes another.
package final class PostgresConnection {
    /// The address it was made to.
    package let address: PostgresAddress
    private let connection: OpaquePointer
    private let timeout: Duration
    /// Whether nothing more can be asked.
    package private(set) var isDead = false
    private var isFinished = false
    /// The names of prepared statements, by their texts.
    private var prepared: [String: String] = [:]
    /// How many names were given; none is given twice.
    private var preparations = 0

    /// Connects.
    ///
    /// - Parameters:
    ///   - address: the database.
    ///   - application: what the server shows the connection as.
    ///   - connectTimeout: how long connecting may take.
    ///   - timeout: how long an answer may take.
    /// - Throws: `unreachable` or `refused`.
    package init(
        _ address: PostgresAddress,
        application: String,
        connectTimeout: Duration,
        timeout: Duration
    ) throws(PostgresError) {
        self.address = address
        self.timeout = timeout
        // In the order of precedence: what stands in the address wins over the name.
        let keywords = ["fallback_application_name", "client_encoding", "dbname"]
        let values = [application, "UTF8", address.text]
        guard let made = Self.start(keywords, values) else {
            throw PostgresError(.unreachable, "no memory for a connection to \(address)")
        }
        connection = made
        PQsetNoticeProcessor(made, { _, _ in }, nil)
        // Where this throws, the object ends and the connection with it.
        try Self.finish(made, Deadline(after: connectTimeout), address)
        PQsetnonblocking(made, 1)
    }

    deinit {
        if !isFinished { PQfinish(connection) }
    }

    private static func start(_ keywords: [String], _ values: [String]) -> OpaquePointer? {
        let keywordCopies = keywords.map { strdup($0) }
        let valueCopies = values.map { strdup($0) }
        defer {
            for copy in keywordCopies + valueCopies { free(copy) }
        }
        let keywordAddresses = keywordCopies.map { UnsafePointer($0) } + [nil]
        let valueAddresses = valueCopies.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(keywordAddresses, valueAddresses, 1)
    }

    private static func finish(
        _ connection: OpaquePointer,
        _ deadline: Deadline,
        _ address: PostgresAddress
    ) throws(PostgresError) {
        var waitsFor = PGRES_POLLING_WRITING
        while PQstatus(connection) != CONNECTION_BAD {
            let isWriting = waitsFor == PGRES_POLLING_WRITING
            guard
                wait(
                    PQsocket(connection), isWriting ? POLLOUT : POLLIN, deadline)
            else {
                throw PostgresError(.unreachable, "\(address) does not answer")
            }
            waitsFor = PQconnectPoll(connection)
            if waitsFor == PGRES_POLLING_OK { return }
            if waitsFor == PGRES_POLLING_FAILED { break }
        }
        let said = String(cString: PQerrorMessage(connection)).trimmed
        throw PostgresError(.unreachable, "no connection to \(address): \(said)")
    }

    /// Waits until a socket is ready; false when that takes too long.
    private static func wait(_ socket: CInt, _ events: CInt, _ deadline: Deadline) -> Bool {
        var polled = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            let milliseconds = deadline.milliseconds
            let count = poll(&polled, 1, milliseconds)
            if count > 0 { return true }
            if count < 0, errno == EINTR { continue }
            if count == 0, milliseconds > 0 { continue }
            return false
        }
    }

    // MARK: Statements

    /// Sends statements, each with its parameters, in one go and waits for their results.
    ///
    /// They run in order; the first that fails ends them all, and an open transaction with them.
    ///
    /// - Parameter statements: what to run.
    /// - Returns: the result of each.
    /// - Throws: `refused` with what the first one failed with, or `lost`.
    package func run(
        _ statements: [PostgresStatement]
    ) throws(PostgresError) -> [PostgresResult] {
        guard !isDead else { throw PostgresError(.unreachable, "the connection is closed") }
        if statements.isEmpty { return [] }
        let deadline = Deadline(after: timeout)
        guard PQenterPipelineMode(connection) == 1 else { throw die("can't begin a pipeline") }
        var expected: [Bool] = []
        var new: [String] = []
        for statement in statements { try send(statement, &expected, &new) }
        guard PQpipelineSync(connection) == 1 else { throw die("can't end a pipeline") }
        try flush(deadline)
        let results = try receive(expected, deadline)
        guard PQexitPipelineMode(connection) == 1 else { throw die("can't leave a pipeline") }
        // Which of what was to be prepared the server has, nobody knows after a failure.
        if case .failure = results { for text in new { prepared[text] = nil } }
        return try results.get()
    }

    /// Runs one statement.
    package func run(_ statement: PostgresStatement) throws(PostgresError) -> PostgresResult {
        let results = try run([statement])
        guard let result = results.first else { throw die("no answer") }
        return result
    }

    /// Queues a statement, and its preparation where it is new; notes which of what is queued
    /// answers something.
    private func send(
        _ statement: PostgresStatement,
        _ expected: inout [Bool],
        _ new: inout [String]
    ) throws(PostgresError) {
        let name: String
        if let known = prepared[statement.text] {
            name = known
        } else {
            preparations += 1
            name = "s\(preparations)"
            guard
                PQsendPrepare(
                    connection, name, statement.text, CInt(statement.types.count),
                    statement.types) == 1
            else { throw die("can't send") }
            expected.append(false)
            prepared[statement.text] = name
            new.append(statement.text)
        }
        let parameters = statement.parameters
        let isSent = parameters.withPointers { addresses, lengths, formats in
            PQsendQueryPrepared(
                connection, name, CInt(parameters.count), addresses, lengths, formats, 1)
        }
        guard isSent == 1 else { throw die("can't send") }
        expected.append(true)
    }

    private func flush(_ deadline: Deadline) throws(PostgresError) {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                // The server may wait until its answers are read.
                guard Self.wait(PQsocket(connection), POLLIN | POLLOUT, deadline) else {
                    throw silent()
                }
                guard PQconsumeInput(connection) == 1 else { throw die("the connection broke") }
            default: throw die("the connection broke")
            }
        }
    }

    private func receive(
        _ expected: [Bool],
        _ deadline: Deadline
    ) throws(PostgresError) -> Result<[PostgresResult], PostgresError> {
        var results: [PostgresResult] = []
        var refusal: PostgresError?
        for isAnswer in expected {
            while let result = try next(deadline) {
                switch result.status {
                case PGRES_TUPLES_OK, PGRES_COMMAND_OK: if isAnswer { results.append(result) }
                case PGRES_PIPELINE_ABORTED: break
                default: refusal = refusal ?? result.refusal
                }
            }
        }
        guard let end = try next(deadline), end.status == PGRES_PIPELINE_SYNC else {
            throw die("the answers do not end")
        }
        return refusal.map { .failure($0) } ?? .success(results)
    }

    /// The next result; nil between two statements.
    private func next(_ deadline: Deadline) throws(PostgresError) -> PostgresResult? {
        while PQisBusy(connection) == 1 {
            guard Self.wait(PQsocket(connection), POLLIN, deadline) else { throw silent() }
            guard PQconsumeInput(connection) == 1 else { throw die("the connection broke") }
        }
        if PQstatus(connection) == CONNECTION_BAD { throw die("the connection broke") }
        return PQgetResult(connection).map(PostgresResult.init)
    }

    private func silent() -> PostgresError {
        let error = PostgresError(.lost, "\(address) did not answer within \(timeout)")
        close()
        return error
    }

    private func die(_ what: String) -> PostgresError {
        let said = String(cString: PQerrorMessage(connection)).trimmed
        close()
        return PostgresError(.lost, "\(address): \(what)\(said.isEmpty ? "" : ": \(said)")")
    }

    /// Closes the connection; what is open on it is rolled back.
    package func close() {
        isDead = true
        guard !isFinished else { return }
        isFinished = true
        PQfinish(connection)
    }

    // MARK: Notifications

    /// What was notified on channels that were listened to, for as long as it takes to see one.
    ///
    /// - Parameter patience: how long to wait for the first.
    /// - Returns: what came, perhaps nothing.
    /// - Throws: `lost` when the connection broke.
    package func notifications(
        waiting patience: Duration
    ) throws(PostgresError) -> [PostgresNotification] {
        guard !isDead else { throw PostgresError(.unreachable, "the connection is closed") }
        var found = takeNotifications()
        if !found.isEmpty { return found }
        guard Self.wait(PQsocket(connection), POLLIN, Deadline(after: patience)) else { return [] }
        guard PQconsumeInput(connection) == 1 else { throw die("the connection broke") }
        found = takeNotifications()
        return found
    }

    private func takeNotifications() -> [PostgresNotification] {
        var found: [PostgresNotification] = []
        while let notification = PQnotifies(connection) {
            found.append(
                PostgresNotification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
        return found
    }
}
