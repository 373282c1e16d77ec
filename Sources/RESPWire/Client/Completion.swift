/// Who is told of an answer.
enum Completion: Sendable {
    case continuation(CheckedContinuation<Result<RESPValue, RESPError>, Never>)
    case closure(@Sendable (Result<RESPValue, RESPError>) -> Void)
    case batch(Batch, Int)
}
