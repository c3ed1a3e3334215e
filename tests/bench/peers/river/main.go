// The dispatch of contacts as a team would write it over River: a job for each contact.
//
//	river-peer prepare --contacts=100000     jobs for all of them
//	river-peer run --seconds=10              works them off, and prints one line of JSON
//
// What is done for a contact stands in ../jobs/dispatch.sql and ../jobs/outcome.sql, the same for every peer.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const batch = 10_000

type contactArgs struct {
	ContactID int64 `json:"contact_id"`
}

func (contactArgs) Kind() string { return "dispatch" }

type dispatcher struct {
	river.WorkerDefaults[contactArgs]
	pool              *pgxpool.Pool
	dispatch, outcome string
	done              atomic.Int64
}

func (d *dispatcher) Work(ctx context.Context, job *river.Job[contactArgs]) error {
	var attemptID string
	// Its attempt is committed before anybody would be called.
	if err := d.pool.QueryRow(ctx, d.dispatch, job.Args.ContactID).Scan(&attemptID); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, d.outcome, attemptID); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
	if err == nil {
		d.done.Add(1)
	}
	return err
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func read(path string) string {
	text, err := os.ReadFile(path)
	must(err)
	return string(text)
}

func prepare(ctx context.Context, pool *pgxpool.Pool, contacts int64) {
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	must(err)
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	must(err)
	client, err := river.NewClient(driver, &river.Config{})
	must(err)
	for first := int64(1); first <= contacts; first += batch {
		var jobs []river.InsertManyParams
		for id := first; id < first+batch && id <= contacts; id++ {
			jobs = append(jobs, river.InsertManyParams{Args: contactArgs{ContactID: id}})
		}
		_, err := client.InsertManyFast(ctx, jobs)
		must(err)
	}
}

func run(ctx context.Context, pool *pgxpool.Pool, workers int, length time.Duration, sql string) {
	worker := &dispatcher{pool: pool, dispatch: read(sql + "/dispatch.sql"), outcome: read(sql + "/outcome.sql")}
	registry := river.NewWorkers()
	river.AddWorker(registry, worker)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Logger:            slog.New(slog.NewTextHandler(io.Discard, nil)),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:           registry,
		FetchCooldown:     time.Millisecond,
		FetchPollInterval: 10 * time.Millisecond,
	})
	must(err)
	began := time.Now()
	must(client.Start(ctx))
	time.Sleep(length)
	told := map[string]any{"decisions": worker.done.Load(), "seconds": time.Since(began).Seconds()}
	must(client.StopAndCancel(ctx))
	line, err := json.Marshal(told)
	must(err)
	fmt.Println(string(line))
}

func main() {
	flags := flag.NewFlagSet("river-peer", flag.ExitOnError)
	contacts := flags.Int64("contacts", 100_000, "to make jobs for")
	seconds := flags.Float64("seconds", 10, "to work")
	workers := flags.Int("workers", 100, "jobs at a time")
	connections := flags.Int("connections", 16, "to PostgreSQL")
	sql := flags.String("sql", ".", "folder of dispatch.sql and outcome.sql")
	if len(os.Args) < 2 {
		log.Fatal("river-peer prepare|run")
	}
	must(flags.Parse(os.Args[2:]))
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	must(err)
	config.MaxConns = int32(*connections)
	config.ConnConfig.RuntimeParams["search_path"] = "river" // so that the next turn can drop it whole
	ctx := context.Background()
	pool, err := pgxpool.NewWithConfig(ctx, config)
	must(err)
	defer pool.Close()
	switch os.Args[1] {
	case "prepare":
		prepare(ctx, pool, *contacts)
	case "run":
		run(ctx, pool, *workers, time.Duration(*seconds*float64(time.Second)), *sql)
	default:
		log.Fatal("river-peer prepare|run")
	}
}
