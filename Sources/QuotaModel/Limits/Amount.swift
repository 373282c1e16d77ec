/// The range of quantities: integers that every JSON reader keeps exactly.
public enum Amount {
    /// 2^53 − 1, the largest amount in a request and the largest limit.
    public static let maximum: Int64 = 9_007_199_254_740_991

    /// What an unlimited account is opened with: 2^62, so that sums of it and of amounts stay in
    /// `Int64`.
    public static let unlimitedCapacity: Int64 = 1 << 62
}
