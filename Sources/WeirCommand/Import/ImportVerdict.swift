import StrictJSON
import WeirClient

/// What is to be done after the reply to a batch.
enum ImportVerdict: Equatable {
    /// The batch is done: counts, failed items and new secrets.
    case done(ImportAnswer)
    /// One item keeps the rest from being taken.
    case refuses(index: Int, detail: String)
    /// To be sent again after a while.
    case again(String)
    /// Nobody knows what became of it, and sending it again would not tell.
    case unknown(String)
    /// No batch will fare better.
    case stop(String)

    /// Decides from the reply to a batch.
    init(_ reply: APIReply, to batch: ImportBatch, url: String) {
        switch reply {
        case .lost(let cause):
            let failure = FailureAdvice.failure(lost: cause, url: url).description
            // A server that needs longer than we wait is not helped by asking once more.
            let isLate = FailureAdvice.isLate(cause)
            self =
                batch.makesSecrets ? .unknown(failure) : isLate ? .stop(failure) : .again(failure)
        case .answer(let answer):
            self.init(answer, batch)
        }
    }

    private init(_ answer: APIAnswer, _ batch: ImportBatch) {
        let failure = FailureAdvice.failure(of: answer).description
        switch answer.status {
        case 200..<300:
            self = ImportAnswer(answer.body).map { .done($0) } ?? .stop(Self.strange)
        case 408, 425, 429, 503: self = .again(failure)
        case 500...: self = batch.makesSecrets ? .unknown(failure) : .again(failure)
        case 422:
            guard let problem = try? JSONValue(parsing: answer.body),
                let index = Self.index(problem["pointer"]?.stringValue),
                batch.lines.indices.contains(index)
            else {
                self = .stop(failure)
                return
            }
            self = .refuses(index: index, detail: problem["detail"]?.stringValue ?? failure)
        default: self = .stop(failure)
        }
    }

    private static let strange = "the answer is not one of an import: is this Weir's address?"

    /// 3 of `/items/3/limits/0`.
    private static func index(_ pointer: String?) -> Int? {
        guard let parts = pointer?.split(separator: "/"), parts.count >= 2, parts[0] == "items"
        else { return nil }
        return Int(parts[1])
    }
}

/// The server's answer to a batch.
struct ImportAnswer: Equatable {
    var created: Int
    var updated: Int
    var skipped: Int
    var failed: [(index: Int, detail: String)]
    var warnings: [String]
    var keys: [JSONValue]

    static func == (left: ImportAnswer, right: ImportAnswer) -> Bool {
        left.created == right.created && left.updated == right.updated
            && left.skipped == right.skipped && left.keys == right.keys
            && left.warnings == right.warnings
            && left.failed.elementsEqual(right.failed) { $0 == $1 }
    }

    /// Reads a body; nil when it is something else.
    init?(_ body: [UInt8]) {
        guard let value = try? JSONValue(parsing: body),
            let created = value["created"]?.integerValue, created >= 0,
            let skipped = value["skipped"]?.integerValue, skipped >= 0
        else { return nil }
        self.created = Int(created)
        self.skipped = Int(skipped)
        updated = Int(value["updated"]?.integerValue ?? 0)
        failed = (value["failed"]?.arrayValue ?? [])
            .compactMap { item in
                guard let index = item["index"]?.integerValue else { return nil }
                return (Int(index), item["detail"]?.stringValue ?? "refused")
            }
        warnings = (value["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
        keys = value["keys"]?.arrayValue ?? []
    }
}
