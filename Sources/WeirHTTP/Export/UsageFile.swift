import Logging
import QuotaNode
import StrictJSON

/// The export of usage as a file, part by part.
struct UsageFile: BodyParts {
    /// How the rows are written.
    enum Format: String, CaseIterable {
        case csv
        case jsonl

        /// The type of the file.
        var mediaType: String {
            switch self {
            case .csv: "text/csv; charset=utf-8"
            case .jsonl: "application/jsonl"
            }
        }
    }

    /// How many bytes are sent at once; a part has the rows that were read together too.
    private static let partBytes = 65_536

    private var export: UsageExport
    private let format: Format
    private let logger: Logger
    /// What is written and not sent.
    private var bytes: [UInt8]
    private var isOver = false

    init(_ export: UsageExport, as format: Format, logger: Logger) {
        self.export = export
        self.format = format
        self.logger = logger
        bytes = format == .csv ? ExportRow.header : []
    }

    mutating func next() async throws -> [UInt8]? {
        while !isOver, bytes.count < Self.partBytes {
            do throws(NodeError) {
                guard let rows = try await export.next() else {
                    isOver = true
                    break
                }
                for row in rows {
                    switch format {
                    case .csv: row.writeCSV(to: &bytes)
                    case .jsonl: row.writeLine(to: &bytes)
                    }
                }
            } catch {
                logger.error("an export of usage broke off", metadata: ["error": "\(error)"])
                throw error
            }
        }
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes.isEmpty ? nil : bytes
    }
}
