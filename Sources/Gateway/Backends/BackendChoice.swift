/// Where a request goes.
package enum BackendChoice: Hashable, Sendable {
    /// To this backend, by its index.
    case backend(Int)
    /// Nowhere yet: those that are well are full, or asked to be left alone.
    case busy(retryAfterNanoseconds: Int64)
    /// Nowhere: none of those that may be chosen is well.
    case unhealthy(retryAfterNanoseconds: Int64)
}
