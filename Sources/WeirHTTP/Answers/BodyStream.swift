import Hummingbird
import NIOCore
import QuotaLedger

/// A body that is made part by part as the other end takes it.
///
/// A part that can't be made ends the connection, so that the body is too short and not wrong.
struct BodyStream: Sendable {
    /// How much is read at once.
    private static let chunkBytes = 262_144

    /// The response's body.
    let body: ResponseBody

    /// A body that lies somewhere, and of which the length is told beforehand.
    init(sizeBytes: Int64, read: @escaping LedgerBackup.Read) {
        body = ResponseBody(contentLength: Int(sizeBytes)) { writer in
            var offset: Int64 = 0
            while offset < sizeBytes {
                let count = Int(min(Int64(Self.chunkBytes), sizeBytes - offset))
                let bytes = try await read(offset, count)
                guard !bytes.isEmpty else {
                    throw LedgerError(.backupFailed, "the copy is shorter than it was")
                }
                try await writer.write(ByteBuffer(bytes: bytes))
                offset += Int64(bytes.count)
            }
            try await writer.finish(nil)
        }
    }

    /// A body of which nobody knows the length: it is sent in chunks.
    init(_ parts: some BodyParts) {
        body = ResponseBody { writer in
            var parts = parts
            while let bytes = try await parts.next() {
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
    }
}

/// Makes a body part by part.
protocol BodyParts: Sendable {
    /// The next part, which is not empty; nil at the end.
    mutating func next() async throws -> [UInt8]?
}
