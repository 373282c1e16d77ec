import QuotaModel
import StrictJSON

// Put down in place, by the one function for a limit that is written anew and for a template.
extension LimitFigures {
    /// The most that ``putUse(to:)`` writes.
    static let maximumUseBytes = 44 + 4 * ByteCursor.maximumDecimalBytes
    /// The most that ``putReset(to:)`` writes.
    static let maximumResetBytes = 13 + Timestamp.maximumDescriptionBytes

    /// Writes what is used of the limit, and what remains.
    @inline(__always)
    func putUse(to cursor: inout ByteCursor) {
        cursor.put(#""used":"#)
        cursor.put(decimal: used)
        cursor.put(#","held":"#)
        cursor.put(decimal: held)
        cursor.put(#","suspect":"#)
        cursor.put(decimal: suspect)
        cursor.put(#","remaining":"#)
        cursor.put(remaining)
    }

    /// Writes when the limit is reset.
    func putReset(to cursor: inout ByteCursor) {
        cursor.put(#""reset_at":"#)
        guard let resetAt else { return cursor.put("null") }
        cursor.put(resetAt)
    }
}

extension LimitBounds {
    /// The most that ``put(used:to:)`` writes.
    static let maximumBytes = 37

    /// Writes how the use stands to the limit.
    @inline(__always)
    func put(used: Int64, to cursor: inout ByteCursor) {
        let (isApproached, isExceeded) = (areApproached(by: used), areExceeded(by: used))
        cursor.put(isApproached ? #""approaching":true"# : #""approaching":false"#)
        cursor.put(isExceeded ? #","exceeded":true"# : #","exceeded":false"#)
    }
}

extension ByteCursor {
    /// Writes an integer, or `null`.
    @inline(__always)
    fileprivate mutating func put(_ value: Int64?) {
        if let value { put(decimal: value) } else { put("null") }
    }

    /// Writes an instant as a string.
    @inline(__always)
    mutating func put(_ instant: Timestamp) {
        put(UInt8(ascii: "\""))
        put(upTo: Timestamp.maximumDescriptionBytes) { instant.writeDescription(to: $0) }
        put(UInt8(ascii: "\""))
    }
}
