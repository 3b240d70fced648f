"""The job in Splink: file to clusters on disk, two threads. Called by run.py."""

import sys

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

source, target, threads, *rules = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"set threads = {threads}")
connection.execute(f"create table people as select * from read_csv('{source}', header = true, all_varchar = true)")
settings = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="record_id",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        cl.JaroWinklerAtThresholds("name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("phone", 1),
        cl.DamerauLevenshteinAtThresholds("email", 1),
        cl.DamerauLevenshteinAtThresholds("birth_date", 1),
        cl.ExactMatch("city"),
    ],
)
api = DuckDBAPI(connection)
people = api.register("people") if hasattr(api, "register") else "people"
linker = Linker(people, settings, log_level="ERROR")
linker.training.estimate_probability_two_random_records_match([block_on("email")], recall=0.5)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("birth_date", "city"))
predictions = linker.inference.predict(threshold_match_probability=0.95)
clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=0.95)
clusters.to_parquet(target, overwrite=True)
