import StrictJSON

/// The bytes that a template keeps, all in one piece of memory, with where they are cut.
struct TemplateText: Sendable {
    /// A part that is written in one go.
    struct Piece: Sendable {
        fileprivate let start: Int
        fileprivate let count: Int
    }

    private var bytes: [UInt8] = []

    /// How many bytes there are.
    var count: Int { bytes.count }

    /// Keeps what `write` writes after what was written by others.
    ///
    /// - Parameters:
    ///   - writer: what was written so far; what comes next finds its comma.
    ///   - write: writes the piece.
    /// - Returns: the piece.
    mutating func keep(
        after writer: inout JSONWriter,
        _ write: (inout JSONWriter) -> Void
    ) -> Piece {
        let start = writer.bytes.count
        write(&writer)
        let piece = writer.bytes[start...]
        bytes += piece
        return Piece(start: bytes.count - piece.count, count: piece.count)
    }

    /// Lends the bytes, of which ``Piece``s are a part.
    @inline(__always)
    func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        bytes.withUnsafeBufferPointer(body)
    }
}

extension ByteCursor {
    /// Writes a piece of a template.
    @inline(__always)
    mutating func put(_ piece: TemplateText.Piece, of text: UnsafeBufferPointer<UInt8>) {
        put(UnsafeBufferPointer(rebasing: text[piece.start..<piece.start + piece.count]))
    }
}
