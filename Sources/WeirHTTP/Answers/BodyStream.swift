import Hummingbird
import NIOCore
import QuotaLedger

/// A body that is read part by part as the other end takes it.
struct BodyStream: Sendable {
    /// How much is read at once.
    private static let chunkBytes = 262_144

    let sizeBytes: Int64
    let read: LedgerBackup.Read

    /// The response's body, of which the length is told beforehand.
    ///
    /// A part that can't be read ends the connection, so that the body is too short and not wrong.
    var body: ResponseBody {
        ResponseBody(contentLength: Int(sizeBytes)) { writer in
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
}
