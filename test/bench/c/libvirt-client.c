/*
 * libvirt's own client library, doing what the benchmarks compare ours with.
 *
 *   libvirt-client URI measure   reads commands from standard input; answers the first three with one line: the wall
 *                                time of all calls together, in ns
 *     stats COUNT              all statistics of all domains, COUNT times
 *     state COUNT              state of the first domain, COUNT times
 *     info COUNT               the same with memory, vCPUs and CPU time
 *     switch COUNT PAUSE_US    suspends and resumes the first domain in turn, COUNT times; then answers with one line:
 *                              CLOCK_MONOTONIC before and after each call, in ns
 *   libvirt-client URI listen    prints CLOCK_MONOTONIC in ns for each lifecycle event, after a line "ready"
 *
 * Build: cc -O2 -o libvirt-client libvirt-client.c -lvirt
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, virGetLastErrorMessage());
    exit(1);
}

static virDomainPtr first_domain(virConnectPtr conn)
{
    virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    if (count < 1)
        die("no running domain");
    for (int i = 1; i < count; i++)
        virDomainFree(domains[i]);
    virDomainPtr first = domains[0];
    free(domains);
    return first;
}

static void all_statistics(virConnectPtr conn)
{
    virDomainStatsRecordPtr *records = NULL;
    if (virConnectGetAllDomainStats(conn, 0, &records, 0) < 0)
        die("statistics");
    virDomainStatsRecordListFree(records);
}

static void get_state(virDomainPtr domain)
{
    int state, reason;
    if (virDomainGetState(domain, &state, &reason, 0) < 0)
        die("state");
}

static void get_info(virDomainPtr domain)
{
    virDomainInfo info;
    if (virDomainGetInfo(domain, &info) < 0)
        die("info");
}

static void measured(virConnectPtr conn, virDomainPtr domain, const char *command, int count)
{
    int64_t begun = now();
    for (int i = 0; i < count; i++) {
        if (strcmp(command, "stats") == 0)
            all_statistics(conn);
        else if (strcmp(command, "state") == 0)
            get_state(domain);
        else
            get_info(domain);
    }
    printf("%" PRId64 "\n", now() - begun);
}

/* Nothing is printed until the end: whoever reads it shall not be disturbed while it waits for the events. */
static void switch_domain(virDomainPtr domain, int count, int pause_us)
{
    int64_t(*times)[2] = calloc(count, sizeof(*times));
    struct timespec pause = {pause_us / 1000000, pause_us % 1000000 * 1000};
    for (int i = 0; i < count; i++) {
        times[i][0] = now();
        if ((i % 2 == 0 ? virDomainSuspend(domain) : virDomainResume(domain)) < 0)
            die("switch");
        times[i][1] = now();
        nanosleep(&pause, NULL);
    }
    for (int i = 0; i < count; i++)
        printf("%" PRId64 " %" PRId64 "%c", times[i][0], times[i][1], i + 1 < count ? ' ' : '\n');
    free(times);
}

static void measure(virConnectPtr conn)
{
    char line[64];
    virDomainPtr domain = first_domain(conn);
    while (fgets(line, sizeof(line), stdin)) {
        char command[16] = "";
        int count = 0, pause_us = 0;
        sscanf(line, "%15s %d %d", command, &count, &pause_us);
        if (strcmp(command, "switch") == 0)
            switch_domain(domain, count, pause_us);
        else
            measured(conn, domain, command, count);
        fflush(stdout);
    }
    virDomainFree(domain);
}

static void on_event(virConnectPtr conn, virDomainPtr domain, int event, int detail, void *opaque)
{
    int64_t at = now();
    (void)conn, (void)domain, (void)event, (void)detail, (void)opaque;
    printf("%" PRId64 "\n", at);
    fflush(stdout);
}

static void listen_for_events(virConnectPtr conn)
{
    if (virConnectDomainEventRegisterAny(conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK(on_event), NULL, NULL) < 0)
        die("register");
    puts("ready");
    fflush(stdout);
    while (virEventRunDefaultImpl() == 0)
        ;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: libvirt-client URI measure|listen\n");
        return 2;
    }
    if (virEventRegisterDefaultImpl() < 0)
        die("event loop");
    virConnectPtr conn = virConnectOpen(argv[1]);
    if (!conn)
        die(argv[1]);
    if (strcmp(argv[2], "listen") == 0)
        listen_for_events(conn);
    else
        measure(conn);
    virConnectClose(conn);
    return 0;
}
