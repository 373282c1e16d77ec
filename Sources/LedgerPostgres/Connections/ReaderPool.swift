import LedgerSQL
import QuotaLedger
import Synchronization

/// The connections that read: each read takes one that is free, or waits with the others.
final class ReaderPool: Sendable {
    private let readers: [PostgresReader]
    /// How many reads each one has; as many as there are readers.
    private let loads: Mutex<[Int]>

    init(_ options: PostgresOptions) {
        readers = (0..<max(1, options.readerCount)).map { PostgresReader(options, number: $0) }
        loads = Mutex(Array(repeating: 0, count: readers.count))
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        let place = loads.withLock { loads in
            let place = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            loads[place] += 1
            return place
        }
        defer { loads.withLock { $0[place] -= 1 } }
        return try await readers[place].read(body)
    }

    func close() async {
        for reader in readers { await reader.close() }
    }
}
