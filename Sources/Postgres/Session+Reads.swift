import CPostgres

/// What became of one statement of a round trip that several share.
enum SharedReply: ~Copyable {
    case result(QueryResult)
    case failure(PostgresError)

    /// The result. Throws the failure.
    consuming func get() throws(PostgresError) -> QueryResult {
        switch consume self {
        case .result(let result): return result
        case .failure(let error): throw error
        }
    }
}

extension Session {
    /// Runs statements that only read in one round trip, as one implicit transaction (PostgreSQL manual, "Pipeline Mode"):
    /// the first that is refused ends it, and those behind it are not carried out.
    ///
    /// Calls `reply` for each in their order, with its index, and returns how many it was called for: all, or those up to
    /// the one refused. A connection that breaks is a failure of all that had no answer.
    func run(reads: [Statement], reply: (Int, consuming SharedReply) -> Void) -> Int {
        var answered = 0
        do {
            try pipeline(reads) { (index: Int, answer: consuming SharedReply) in
                answered = index + 1
                reply(index, answer)
            }
        } catch {
            for index in answered..<reads.count { reply(index, .failure(error)) }
            answered = reads.count
        }
        return answered
    }

    fileprivate enum Step {
        case prepare(StatementKey, index: Int)
        case run(StatementKey, index: Int)
    }

    /// Throws what ended the connection, or kept the statements from being sent.
    private func pipeline(_ reads: [Statement], reply: (Int, consuming SharedReply) -> Void) throws(PostgresError) {
        try makeRoom(for: reads.count)
        guard PQenterPipelineMode(raw) == 1 else { throw lost() }
        var steps: [Step] = []
        steps.reserveCapacity(reads.count)
        for (index, read) in reads.enumerated() {
            let key = read.key
            if statements[key] == nil {
                try sendPrepare(key)
                steps.append(.prepare(key, index: index))
            }
            guard let name = statements[key], send(read.binds, to: name) else { throw lost() }
            steps.append(.run(key, index: index))
        }
        guard PQpipelineSync(raw) == 1 else { throw lost() }

        let deadline = ContinuousClock.now + answerTimeout
        var isRefused = false
        for step in steps {
            let result = try nextResult(until: deadline)
            let (key, index) = step.place
            if isRefused {
                // Not carried out; what was to be prepared is not.
                if case .prepare = step { statements[key] = nil }
            } else if let failure = result.failure() {
                if failure.endsConnection || PQstatus(raw) != CONNECTION_OK { throw broken(by: failure) }
                isRefused = true
                if case .prepare = step { statements[key] = nil }
                if let state = failure.sqlState, state.invalidatesStatement { statements[key] = nil }
                reply(index, .failure(failure))
            } else if case .run = step {
                reply(index, .result(result))
            }
            // Each command's results end with a null.
            guard PQgetResult(raw) == nil else { throw lost() }
        }
        _ = try nextResult(until: deadline)  // the synchronisation
        guard PQexitPipelineMode(raw) == 1 else { throw lost() }
    }

    private func nextResult(until deadline: ContinuousClock.Instant) throws(PostgresError) -> QueryResult {
        try waitForInput(until: deadline)
        guard let result = PQgetResult(raw) else { throw lost() }
        return QueryResult(owning: result)
    }
}

extension Session.Step {
    fileprivate var place: (StatementKey, index: Int) {
        switch self {
        case .prepare(let key, let index), .run(let key, let index): (key, index)
        }
    }
}
