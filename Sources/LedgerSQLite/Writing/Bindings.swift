import GRDBSQLite

/// The values of a statement, bound one after the other.
///
/// Texts and blobs are laid side by side in a scratch space that lives as long as the statement
/// runs; only what does not fit is copied by SQLite, one allocation each.
struct Bindings {
    private let statement: OpaquePointer
    private var scratch: UnsafeMutableRawBufferPointer
    private var index: CInt = 0
    /// `SQLITE_OK`, or the first error.
    private(set) var code = SQLITE_OK

    /// Tells SQLite to copy the bytes, which may move once the call returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ statement: OpaquePointer, scratch: UnsafeMutableRawBufferPointer) {
        self.statement = statement
        self.scratch = scratch
    }

    mutating func add(_ value: Int64) {
        index += 1
        note(sqlite3_bind_int64(statement, index, value))
    }

    mutating func add(_ value: Int64?) {
        guard let value else { return addNull() }
        add(value)
    }

    mutating func add(_ value: Bool) {
        add(value ? 1 : 0 as Int64)
    }

    mutating func add(_ value: String) {
        var value = value
        value.withUTF8 { addText(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(_ value: String?) {
        guard let value else { return addNull() }
        add(value)
    }

    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            index += 1
            let (start, owner) = keep(bytes)
            note(sqlite3_bind_blob(statement, index, start, CInt(bytes.count), owner))
        }
    }

    mutating func add(_ bytes: [UInt8]?) {
        guard let bytes else { return addNull() }
        add(bytes)
    }

    private mutating func addText(_ bytes: UnsafeRawBufferPointer) {
        index += 1
        let (start, owner) = keep(bytes)
        let text = start?.assumingMemoryBound(to: CChar.self)
        note(sqlite3_bind_text(statement, index, text, CInt(bytes.count), owner))
    }

    /// The bytes where they can stay, and how SQLite has to treat them.
    private mutating func keep(
        _ bytes: UnsafeRawBufferPointer
    ) -> (start: UnsafeRawPointer?, owner: sqlite3_destructor_type?) {
        guard bytes.count <= scratch.count, let start = scratch.baseAddress else {
            return (bytes.baseAddress, Self.transient)
        }
        scratch.copyMemory(from: bytes)
        scratch = UnsafeMutableRawBufferPointer(rebasing: scratch[bytes.count...])
        return (UnsafeRawPointer(start), nil)
    }

    private mutating func addNull() {
        index += 1
        note(sqlite3_bind_null(statement, index))
    }

    private mutating func note(_ code: CInt) {
        if self.code == SQLITE_OK { self.code = code }
    }
}
